// What every page needs; a page with a circuit, one that holds data-live, also gets Blazor's script.
import './copy.js';
import './dialog.js';
import './menu.js';

if (document.querySelector('[data-live]')) {
    import('./circuit.js');
}
