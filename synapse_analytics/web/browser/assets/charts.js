// Draws the charts of a page. Streamlit calls this for every chart when it appears and when its data change.
import Plotly from './plotly-4.1.1.js'
import { axisInside, keysInside, NARROW, telephone, widthOf } from './telephone.js'

const NEAR = '50% 0px' // a chart that lies further from the screen than half of its height is not drawn yet
const BESIDE_NAMES = 40 // px that Plotly leaves between names, axis and edge
const NUMBERS = 66 // px that numbers and the name of their axis take
const LOOKED_UP = 60 // ms after which Plotly has looked up what lies under the mouse
const SHEET = 640 // px of a printed sheet that are left for a chart, above the stamp (web/style.py)
const charts = new Set() // all that are on the page

export default function draw({ data, parentElement, setTriggerValue }) {
  const chart = placeIn(parentElement, data)
  const text = JSON.stringify(data)
  if (chart.text !== text) {
    Object.assign(chart, { text, wanted: data })
    if (chart.near) catchUp(chart)
  }
  chart.tell = data.clicks && (event => setTriggerValue('clicked', codesOf(event.points)))
  return () => leave(chart)
}

function placeIn(parent, data) {
  const chart = parent.querySelector('.chart') || parent.appendChild(document.createElement('div'))
  chart.classList.add('chart', 'stPrintGraphic') // the second is Streamlit's: a card with one is not cut between two sheets
  chart.style.contain = 'layout style' // what is drawn inside changes nothing outside, so that the browser looks at less
  chart.setAttribute('role', 'figure')
  chart.setAttribute('aria-label', data.alt)
  chart.arranged = data.arranged || []
  reserve(chart, data.figure)
  if (!charts.has(chart)) arrive(chart)
  return chart
}

// What has no height is never seen to come near, and what gets another height when it is drawn moves all below it.
function reserve(chart, figure) {
  if (chart.clientWidth) asHighAs(chart, shaped(chart, structuredClone(figure)).layout.height)
  else chart.style.minHeight = `${arranged(chart, figure.layout).height}px`
}

function arrive(chart) {
  charts.add(chart)
  hearEveryClick(chart)
  chart.watcher = new ResizeObserver(() => fit(chart))
  chart.lookout = new IntersectionObserver(seen => {
    chart.near = seen.at(-1).isIntersecting
    if (chart.near) catchUp(chart)
  }, { root: chart.closest('[data-testid=stMain]'), rootMargin: NEAR })
  chart.lookout.observe(chart)
}

// Plotly forgets what lies under the mouse when somebody presses just after the mouse moved, and looks it up again only after the click: that click
// it does not tell of.
function hearEveryClick(chart) {
  chart.onpointerdown = () => { chart.hasTold = false }
  chart.onclick = () => setTimeout(() => {
    if (!chart.hasTold && chart.tell && chart._hoverdata?.length) told(chart, { points: chart._hoverdata })
  }, LOOKED_UP)
}

function told(chart, event) {
  chart.hasTold = true
  chart.tell(event)
}

function leave(chart) {
  charts.delete(chart)
  chart.watcher.disconnect()
  chart.lookout.disconnect()
  if (chart.drawing) after(chart, () => Plotly.purge(chart))
  chart.text = null
}

// Draws what is wanted, if it is not what stands there. A chart that nobody sees waits until somebody comes near or prints.
function catchUp(chart) {
  if (!chart.wanted) return
  const { figure, config } = chart.wanted
  chart.wanted = null
  asHighAs(chart, shaped(chart, figure).layout.height)
  // Plotly lets a flow glide for half a second into its new shape: it is drawn anew instead.
  const plot = figure.data.some(trace => trace.type === 'sankey') ? Plotly.newPlot : Plotly.react
  after(chart, () => plot(chart, figure.data, figure.layout, config))
  after(chart, () => {
    chart.removeAllListeners('plotly_click') // a chart that was drawn anew has none
    if (chart.tell) chart.on('plotly_click', event => told(chart, event))
  })
  chart.widthSeen = chart.clientWidth
  chart.watcher.observe(chart)
}

// Lays a figure out for the width of its place.
function shaped(chart, figure) {
  figure.layout = arranged(chart, figure.layout)
  chart.atLeast = figure.layout.margin.l
  const above = isNarrow(chart) && telephone(figure, chart.clientWidth)
  figure.layout.margin.l = roomAtLeft(chart, figure)
  axisInside(figure, chart.clientWidth, above || !isNarrow(chart))
  if (isNarrow(chart)) useRoomAboveNames(figure.layout.annotations)
  else keysInside(figure.layout, chart.clientWidth)
  return figure
}

function isNarrow(chart) {
  return chart.clientWidth < NARROW
}

// Streamlit gives a chart the height it has on a wide page.
function asHighAs(chart, height) {
  chart.style.minHeight = `${height}px`
  chart.style.setProperty('--on-paper', `${Math.min(height, SHEET)}px`)
  chart.style.setProperty('--shrunk', Math.min(1, SHEET / height))
  const outermost = chart.closest('[data-testid=stElementContainer]')
  for (let around = chart.parentElement; around && outermost?.contains(around); around = around.parentElement) Object.assign(around.style, { height: 'auto', flex: 'none' })
}

// Plotly makes room for names by drawing all of a chart twice. Where the room is there from the start, once is enough.
// In a narrow place Plotly does it, which lets the names give way.
function roomAtLeft(chart, { data, layout: { yaxis, font } }) {
  if (isNarrow(chart)) return chart.atLeast
  const names = yaxis.ticktext || (yaxis.type === 'category' ? data.flatMap(trace => trace.y || []) : [])
  const widths = names.map(name => widthOf(name, yaxis.tickfont.size, font.family) + BESIDE_NAMES)
  return Math.max(chart.atLeast, yaxis.title.text ? NUMBERS : 0, ...widths)
}

// Where names take half of the width, what the colours mean ends at the right edge and begins above the names.
function useRoomAboveNames(notes = []) {
  notes.filter(note => note.name === 'squares').forEach(note => Object.assign(note, { x: 1, xanchor: 'right' }))
}

// Another width may ask for other lines, margins and panels: all is laid out anew.
function fit(chart) {
  if (!chart.clientWidth || chart.clientWidth === chart.widthSeen || !chart.text) return
  chart.wanted = JSON.parse(chart.text)
  catchUp(chart)
  after(chart, () => Plotly.Plots.resize(chart))
}

// What lies otherwise on a narrow page: panels below each other, shorter words under an axis. The last arrangement is for every wider one.
function arranged(chart, layout) {
  const own = chart.arranged.find(one => chart.clientWidth && chart.clientWidth <= one.upto) || chart.arranged.at(-1)
  if (!own) return layout
  const axes = Object.entries(own.axes).map(([name, axis]) => [name, { ...layout[name], ...axis }])
  return { ...layout, ...Object.fromEntries(axes), height: own.height }
}

// Plotly goes on drawing for a moment, to make room for long names: what comes next waits for it.
function after(chart, next) {
  chart.drawing = (chart.drawing || Promise.resolve()).then(next, next)
}

function codesOf(points) {
  return [...new Set(points.flatMap(point => point.customdata || []))]
}

addEventListener('beforeprint', () => charts.forEach(catchUp))
