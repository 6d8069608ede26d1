// Boards of charts: several charts over one time axis, whose cursors go together. A board's data are columns: the times in seconds, then one for each series.
import uPlot from '../../lib/uplot/uPlot.esm.js';
import { colours, onThemeChange } from './colours.js';
import { number, timeLabel, timeLabels } from './labels.js';

const MINUTE = 60, HOUR = 3600, DAY = 86_400;
// Steps of the axis of time; two minutes are missing among uPlot's own.
const STEPS = [1, 5, 10, 15, 30, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY];
const boards = new WeakMap();
let opened = 0;

/** Draws the charts of a board: `spec` is { seconds, charts: [{ series: [{ right, fill }] }] }, in the order of the elements with data-chart. */
export function open(element, spec, columns) {
    const board = { element, spec, columns, key: `board-${++opened}`, time: element.querySelector('[data-chart-time]'), charts: [] };
    let first = 1;
    element.querySelectorAll('[data-chart]').forEach((part, at) => {
        board.charts.push(chart(board, part, spec.charts[at].series, first));
        first += spec.charts[at].series.length;
    });
    boards.set(element, board);
    show(board);
}

/** Adds a row, a time and a value for each series, and lets go of what has left the axis. */
export function append(element, row) {
    const board = boards.get(element);
    if (!board) {
        return;
    }
    const { columns, spec } = board;
    columns.forEach((column, at) => column.push(row[at]));
    const old = columns[0].findIndex(time => time >= row[0] - spec.seconds - 2);
    if (old > 0) {
        columns.forEach(column => column.splice(0, old));
    }
    show(board);
}

/** Replaces all data. */
export function replace(element, columns) {
    const board = boards.get(element);
    if (board) {
        board.columns = columns;
        show(board);
    }
}

function show(board) {
    for (const { plot, first, count } of board.charts) {
        plot.setData([board.columns[0], ...board.columns.slice(first, first + count)]);
    }
}

function chart(board, part, series, first) {
    const area = part.querySelector('[data-chart-area]');
    const values = [...part.querySelectorAll('[data-value]')];
    const swatches = [...part.querySelectorAll('.swatch')];
    const size = () => ({ width: Math.max(100, area.clientWidth), height: area.clientHeight });
    const colour = colours(area, swatches);
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const font = `${Math.round(.75 * rem)}px ${getComputedStyle(area).fontFamily}`;
    const hasRight = series.some(one => one.right);
    const axis = { stroke: () => colour.text, font, ticks: { show: false } };
    const upright = { ...axis, size: 3.25 * rem, space: 2 * rem, grid: { stroke: () => colour.line, width: 1 }, values: (_, splits) => splits.map(number) };

    const plot = new uPlot({
        ...size(),
        tzDate: time => uPlot.tzDate(new Date(time * 1000), 'Etc/UTC'),
        legend: { show: false },
        padding: [.5 * rem, hasRight ? 0 : .75 * rem, 0, 0],
        cursor: { sync: { key: board.key }, drag: { x: false, y: false }, points: { size: 6 }, y: false },
        scales: {
            x: { time: true, range: () => window(board) },
            y: { range: (_, __, most) => [0, ceiling(most, 10)] },
            ...hasRight && { right: { range: (_, __, most) => [0, ceiling(most, 10)] } },
        },
        axes: [
            { ...axis, size: 1.75 * rem, space: 5 * rem, incrs: STEPS, grid: { show: false }, values: (_, splits) => timeLabels(splits, board.spec.seconds) },
            { ...upright, scale: 'y' },
            ...hasRight ? [{ ...upright, scale: 'right', side: 1, grid: { show: false } }] : [],
        ],
        series: [{}, ...series.map((one, at) => ({
            scale: one.right ? 'right' : 'y',
            stroke: () => colour.series[at],
            fill: one.fill ? () => colour.fill(at) : undefined,
            width: 1.5,
            points: { show: false },
        }))],
        hooks: { setCursor: [tell], setData: [tell] },
    }, [[], ...series.map(() => [])], area);

    function tell(of) {
        const isOver = of.cursor.idx != null && of.cursor.left >= 0;
        const at = isOver ? of.cursor.idx : of.data[0].length - 1;
        values.forEach((value, index) => { value.textContent = number(of.data[index + 1][at] ?? null); });
        if (board.time) {
            board.time.textContent = isOver ? timeLabel(of.data[0][at]) : '';
        }
    }

    new ResizeObserver(() => plot.setSize(size())).observe(area);
    onThemeChange(() => {
        colour.read();
        plot.redraw(false);
    });
    return { plot, first, count: series.length };
}

// The axis ends with the last value; without one it ends now.
function window({ columns, spec }) {
    const end = columns[0].at(-1) ?? Date.now() / 1000;
    return [end - spec.seconds, end];
}

/** The lowest round number, 1, 2 or 5 times a power of ten, that nothing exceeds: the axis changes seldom. */
function ceiling(most, least) {
    const value = Math.max(most ?? 0, least);
    const power = 10 ** Math.floor(Math.log10(value));
    return power * [1, 2, 5, 10].find(step => value <= step * power * 1.000001);
}
