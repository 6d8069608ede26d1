// Numbers and times of charts in words. Times are UTC, as everywhere on the pages.

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const fine = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const seconds = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', hour: '2-digit', minute: '2-digit', second: '2-digit' });
const minutes = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', hour: '2-digit', minute: '2-digit' });
const days = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', day: 'numeric', month: 'short' });
const moment = new Intl.DateTimeFormat('en-GB', {
    timeZone: 'UTC', day: '2-digit', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit',
});

/** A number in six letters at most. */
export function number(value) {
    if (value === null || value === undefined || Number.isNaN(value)) {
        return '–';
    }
    return value >= 100_000 ? short.format(value) : value > 0 && value < 10 ? fine.format(value) : whole.format(value);
}

/** The time of a point. */
export const timeLabel = time => `${moment.format(time * 1000)} UTC`;

/** The times below an axis that is so many seconds long. */
export function timeLabels(splits, length) {
    const format = length <= 600 ? seconds : length <= 2 * 86_400 ? minutes : days;
    return splits.map(time => format.format(time * 1000));
}
