// Draws a chart of a page. Streamlit calls this for every chart when it appears and when its data change.
import Plotly from './plotly-4.1.1.js'

const drawn = new WeakMap() // place on the page -> the data that it shows, as text

export default function draw({ data, parentElement, setTriggerValue }) {
  const chart = placeIn(parentElement, data)
  const text = JSON.stringify(data)
  if (drawn.get(chart) !== text) {
    show(chart, data, !drawn.has(chart))
    drawn.set(chart, text)
  }
  after(chart, () => {
    chart.removeAllListeners('plotly_click')
    if (data.clicks) chart.on('plotly_click', event => setTriggerValue('clicked', codesOf(event.points)))
  })
  return () => leave(chart)
}

function placeIn(parent, data) {
  const chart = parent.querySelector('.chart') || parent.appendChild(document.createElement('div'))
  chart.classList.add('chart', 'stPrintGraphic') // the second is Streamlit's: a card with one is not cut between two sheets
  chart.setAttribute('role', 'figure')
  chart.setAttribute('aria-label', data.alt)
  return chart
}

function show(chart, { figure, config }, first) {
  // Plotly lets a flow glide for half a second into its new shape: it is drawn anew instead.
  const anew = first || figure.data.some(trace => trace.type === 'sankey')
  const plot = anew ? Plotly.newPlot : Plotly.react
  chart.drawing = after(chart, () => plot(chart, figure.data, figure.layout, config))
  if (first) {
    chart.widthSeen = chart.clientWidth
    chart.watcher = new ResizeObserver(() => fit(chart))
    chart.watcher.observe(chart)
  }
}

function fit(chart) {
  if (chart.clientWidth && chart.clientWidth !== chart.widthSeen) {
    chart.widthSeen = chart.clientWidth
    chart.drawing = after(chart, () => Plotly.Plots.resize(chart))
  }
}

// Plotly goes on drawing for a moment, to make room for long names: what comes next waits for it.
function after(chart, next) {
  return (chart.drawing || Promise.resolve()).then(next, next)
}

function leave(chart) {
  chart.watcher.disconnect()
  after(chart, () => Plotly.purge(chart))
}

function codesOf(points) {
  return [...new Set(points.flatMap(point => point.customdata || []))]
}
