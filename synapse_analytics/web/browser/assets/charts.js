// Draws a chart of a page. Streamlit calls this for every chart when it appears, when its data change and when light and dark change places.
import Plotly from './plotly-4.1.1.js'

const drawn = new WeakMap() // place on the page -> the data that it shows, as text
let lookAsked = '' // the mode the server was asked to draw in, so that a page of many charts asks once

export default function draw({ data, parentElement, setTriggerValue }) {
  askForTheLook(data.look, parentElement, setTriggerValue)
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
  chart.classList.add('chart')
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

// The server draws for light or dark. A page that is open when the mode changes asks it to draw again.
function askForTheLook(look, parent, setTriggerValue) {
  const [red, green, blue] = getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor.match(/\d+/g).map(Number)
  const seen = 0.3 * red + 0.6 * green + 0.1 * blue < 128 ? 'dark' : 'light'
  if (seen === look) lookAsked = ''
  else if (lookAsked !== seen) {
    lookAsked = seen
    setTriggerValue('look', seen)
  }
}
