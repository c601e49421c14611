import './arrive.js'
import './away.js'
import './session.js'

// Reads Plotly while the browser waits for the server's first answer, so that the first chart does not wait for it.
addEventListener('load', () => (window.requestIdleCallback || setTimeout)(() => import('./charts.js')))
