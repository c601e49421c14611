// How a chart is laid out on a telephone: long names stand above their bars, which have all of the width, and words above and below it in lines.
const MOST = 0.36 // of the width, that names may take beside their bars
const SHARED = 0.42 // of the width, that names and the numbers beyond the right edge may take together
const NUMBERS = 60 // px of the numbers beside an axis
const BAR = 24 // px of a bar; what a number inside it needs
const LINE = 17 // px of a line of a name
const AIR = 8 // px between a bar and the next name
const EDGE = 14 // px that stay free beside texts
export const NARROW = 400 // px; in less there is no room for names, numbers and bars side by side
const BETWEEN_PANELS = 56 // px, for the numbers of the upper and the heading of the lower
const BETWEEN = /(?:&#160;|\u00a0){2,}/ // between the words of a key
const pen = document.createElement('canvas').getContext('2d')

// The px that the longest line of a text takes; a span may have a size of its own.
export function widthOf(text, size, family) {
  return Math.max(...String(text).split('<br>').map(line => line.split(/(?=<span)|(?<=<\/span>)/).reduce((sum, part) => {
    const [, own] = /font-size:([0-9]+)px/.exec(part) || [null, size]
    pen.font = `${own}px ${family}`
    return sum + Math.ceil(pen.measureText(part.replace(/<[^>]*>/g, '').replace(/&#?\w+;/g, ' ')).width)
  }, 0)))
}

// Changes a figure for so many px; true if its names stand above its bars.
export function telephone(figure, width) {
  const room = width - 2 * EDGE
  const { layout } = figure
  if (layout.xaxis2 && !layout.yaxis2 && layout.yaxis.type === 'category') panelsBelowEachOther(figure)
  const names = namesOf(figure)
  const longest = Math.max(0, ...names.map(({ text }) => widthOf(text, layout.yaxis.tickfont.size, layout.font.family)))
  const texts = figure.data.filter(trace => trace.mode === 'text').flatMap(trace => trace.text)
  const beside = Math.max(0, ...texts.map(text => widthOf(text, 12, layout.font.family)))
  const atRight = Math.max(0, ...(layout.annotations || []).filter(isBeside).map(({ text, font }) => widthOf(text, font.size, layout.font.family)))
  const areAbove = longest > MOST * width || (longest > 0 && (longest + beside > 2 * MOST * width || longest + atRight > SHARED * width))
  if (areAbove) namesAbove(figure, names, room)
  else namesBelow(layout, room)
  keysInOne(layout, room)
  const start = areAbove ? 0 : Math.max(NUMBERS, longest + 18) - EDGE
  ;(layout.annotations || []).filter(note => note.xref === 'paper' && note.y === 1).forEach(note => keyInLines(layout, note, note.x === 0 ? room - start : room))
  if (areAbove) sidesInside(layout, width)
  if (!layout.xaxis2) upright(layout, width)
  return areAbove
}

// Beyond the right edge of a plot.
function isBeside(note) {
  return note.xref === 'paper' && note.x >= 1 && note.xanchor === 'left'
}

// What stands above the chart on both sides of a value: in lines that end before the edges.
function sidesInside(layout, width) {
  const { margin, font, xaxis: { range } } = layout
  const sides = (layout.annotations || []).filter(note => note.xref === 'x' && note.yref === 'paper' && note.y === 1 && note.xshift)
  const lines = sides.map(note => {
    const at = margin.l + (note.x - range[0]) / (range[1] - range[0]) * (width - margin.l - margin.r)
    const free = (note.xanchor === 'right' ? at : width - at) - Math.abs(note.xshift)
    if (widthOf(note.text, note.font.size, font.family) > free) note.text = wrapped(note.text.replaceAll('<br>', ' '), ' ', free, note.font.size, font.family).join('<br>')
    return note.text.split('<br>').length
  })
  taller(layout, 't', Math.max(0, ...lines.map(count => count - 2)))
}

// The name of an x axis in lines that fit below the middle of the plot; without `known` Plotly will widen the left margin for the names.
export function axisInside({ data, layout }, width, known) {
  if (layout.xaxis.visible === false || layout.xaxis2) return
  const { xaxis, yaxis, font, margin } = layout
  const names = known ? [] : yaxis.ticktext || (yaxis.type === 'category' ? data.flatMap(trace => trace.y || []) : [])
  const longest = Math.max(0, ...names.map(name => widthOf(name, yaxis.tickfont.size, font.family)))
  const left = known ? margin.l : Math.max(longest + 18, yaxis.title.text ? 50 : 26) + EDGE
  const room = Math.min(left + width - margin.r, width - left + margin.r) - EDGE // of the name, whose middle is that of the plot
  const { text, font: { size } } = xaxis.title
  const given = text.split('<br>').length
  if (widthOf(text, size, font.family) <= room && (given === 1 || width > NARROW)) return
  const lines = wrapped(text.replace(/<br>/g, ' '), ' ', room, size, font.family)
  taller(layout, 'b', lines.length - given)
  xaxis.title.text = lines.join('<br>')
}

// The names beside the bars with their places; none where the axis has no names or panels share it.
function namesOf({ data, layout: { yaxis, xaxis2 } }) {
  const { tickvals = [], ticktext = [], range } = yaxis
  if (xaxis2 || yaxis.visible === false) return []
  if (range) return ticktext.map((text, at) => ({ place: tickvals[at], text }))
  if (yaxis.type !== 'category') return []
  const places = [...new Set([...(yaxis.categoryarray || []), ...data.flatMap(trace => trace.y || [])])]
  const texts = new Map(tickvals.map((name, at) => [name, ticktext[at]]))
  return places.map((name, place) => ({ place, text: texts.get(name) ?? name }))
}

function namesAbove({ data, layout }, names, room) {
  const { yaxis, font, margin } = layout
  const lines = names.map(({ text }) => nameInLines(String(text), room, yaxis.tickfont.size, font.family))
  const most = Math.max(...lines.map(each => each.join('<br>').split('<br>').length))
  const band = BAR + LINE * most + AIR
  const first = (LINE * most + BAR / 2 + 15) / band - 0.5 // of a band: the name of the first bar
  const upwards = yaxis.range ? yaxis.range[0] < yaxis.range[1] : yaxis.autorange !== 'reversed'
  yaxis.range = upwards ? [-0.5, names.length - 0.5 + first] : [names.length - 0.5, -0.5 - first]
  Object.assign(yaxis, { autorange: false, automargin: false, showticklabels: false })
  const style = { showarrow: false, align: 'left', x: 0, xref: 'paper', xanchor: 'left', yanchor: 'bottom', yshift: BAR / 2 - 1 }
  layout.annotations = [...(layout.annotations || []), ...names.map(({ place }, at) => ({
    ...style, y: place, text: lines[at].join('<br>'), font: { ...yaxis.tickfont, family: font.family }, borderpad: 0
  }))]
  data.filter(trace => trace.type === 'bar').forEach(trace => { trace.width = BAR / band })
  layout.height = margin.t + margin.b + Math.ceil(band * (names.length + first))
  margin.l = EDGE
  const texts = layout.annotations.filter(isBeside).map(note => widthOf(note.text, note.font.size, font.family) + (note.xshift || 0))
  margin.r = Math.min(margin.r, texts.length ? Math.max(...texts) + AIR : 24)
  reachTexts(data, layout, room - margin.r)
}

// A name and the quiet words below it: in one line if there is room, else each in lines of its own.
function nameInLines(text, room, size, family) {
  const [name, ...quiet] = text.split(/<br>(?=<span)/)
  const plain = name.replace(/<br>/g, ' ')
  const one = [plain, ...quiet.map(part => part.replace(/<br>/g, ', '))].join('&#160; ')
  return widthOf(one, size, family) <= room - EDGE ? [one] : [...wrapped(plain, ' ', room, size, family), ...quiet]
}

// Words in as few lines as there is room for.
function wrapped(text, between, room, size, family, joint = ' ') {
  const lines = ['']
  for (const word of text.split(between)) {
    const longer = lines.at(-1) ? lines.at(-1) + joint + word : word
    if (lines.at(-1) && widthOf(longer, size, family) > room) lines.push(word)
    else lines[lines.length - 1] = longer
  }
  return lines
}

// The x axis goes on until the text beyond the longest bar has room.
function reachTexts(data, { xaxis, annotations, font }, room) {
  if (!xaxis.range || xaxis.range[0] !== 0) return
  const beyond = data.filter(trace => trace.mode === 'text').flatMap(trace => trace.x.map((x, at) => [x, widthOf(trace.text[at], 12, font.family)]))
  annotations.filter(note => note.xanchor === 'left' && note.xshift && (note.xref || 'x') === 'x')
    .forEach(note => beyond.push([note.x, widthOf(note.text, 12, font.family) + note.xshift]))
  const ends = beyond.filter(([, wide]) => wide < 0.8 * room).map(([x, wide]) => x / (1 - (wide + 4) / room))
  xaxis.range = [0, Math.max(xaxis.range[1], ...ends)]
}

// Panels that stand side by side on shared names: below each other each has names of its own.
function panelsBelowEachOther({ data, layout }) {
  const count = Object.keys(layout).filter(name => /^xaxis\d*$/.test(name)).length
  const own = layout.height - layout.margin.t - layout.margin.b
  const all = count * own + (count - 1) * BETWEEN_PANELS
  const nth = (letter, place) => letter + (place > 1 ? place : '')
  const placeOf = axis => Number(/^x(\d*)/.exec(axis || 'x')[1] || 1)
  const names = layout.yaxis
  for (let place = 1; place <= count; place++) {
    const top = 1 - (place - 1) * (own + BETWEEN_PANELS) / all
    layout[nth('yaxis', place)] = { ...names, domain: [Math.max(0, top - own / all), top], anchor: nth('x', place) }
    Object.assign(layout[nth('xaxis', place)], { domain: [0, 1], anchor: nth('y', place), tickangle: 0 })
  }
  data.forEach(trace => { trace.yaxis = nth('y', placeOf(trace.xaxis)) })
  const headings = layout.annotations.filter(note => note.yref === 'paper' && note.y === 1 && note.text.startsWith('<b>'))
  headings.forEach((note, at) => Object.assign(note, { x: 0, xanchor: 'left', yref: `${nth('y', at + 1)} domain` }))
  layout.annotations.forEach(note => {
    if (/^x\d*( domain)?$/.test(note.xref || '')) note.yref = nth('y', placeOf(note.xref))
    if (note.yref === 'paper' && note.y === 0) Object.assign(note, { x: 1, xanchor: 'right' })
  })
  layout.height += all - own
}

// What stands above the left and above the right of a chart is one text where both have no room in a line.
function keysInOne(layout, room) {
  const above = (layout.annotations || []).filter(note => note.xref === 'paper' && note.yref === 'paper' && note.y === 1)
  const [left, right] = [['left', 0], ['right', 1]].map(([side, x]) => above.find(note => note.xanchor === side && note.x === x))
  if (!left || !right || left.yshift !== right.yshift) return
  if (widthOf(left.text, left.font.size, layout.font.family) + widthOf(right.text, right.font.size, layout.font.family) + AIR < room - Math.max(layout.margin.l, NUMBERS)) return
  left.text += `&#160;&#160;&#160;${right.text}`
  layout.annotations = layout.annotations.filter(note => note !== right)
}

// On a wider page a key begins where the names beside the bars end.
export function keysInside(layout, width) {
  const room = width - layout.margin.l - EDGE
  ;(layout.annotations || []).filter(note => note.xref === 'paper' && note.y === 1 && note.x === 0 && note.xanchor === 'left').forEach(note => keyInLines(layout, note, room))
}

function keyInLines(layout, note, room) {
  if (widthOf(note.text, note.font.size, layout.font.family) <= room) return
  const inside = (text, between, joint) => wrapped(text, between, room, note.font.size, layout.font.family, joint)
  const lines = note.text.split('<br>').flatMap(line => inside(line, BETWEEN, '&#160;&#160;')).flatMap(line => line.includes('<') ? [line] : inside(line, ' ', ' '))
  taller(layout, 't', lines.length - note.text.split('<br>').length)
  note.text = lines.join('<br>')
}

// Numbers and names side by side where there is room for a few only: every second, every fourth ... of those that are given.
function upright({ xaxis, margin, font }, width) {
  xaxis.tickangle ??= 0
  const { tickvals, ticktext } = xaxis
  if (!tickvals) xaxis.nticks ??= 5
  if (!tickvals || !ticktext) return
  const widest = AIR + Math.max(...ticktext.map(text => widthOf(text, xaxis.tickfont.size, font.family)))
  let step = 1
  while (widest * tickvals.length / step > width - margin.l - margin.r) step *= 2
  Object.assign(xaxis, { tickvals: tickvals.filter((_, at) => at % step === 0), ticktext: ticktext.filter((_, at) => at % step === 0) })
}

// Names at the ends of lines leave too little room for the lines: they go under the chart, or to the rows of numbers there that have the same names.
function namesBelow(layout, room) {
  const right = note => note.xref === 'paper' && note.x === 1 && note.xanchor === 'left'
  const notes = layout.annotations || []
  const [ends, rows] = [note => note.yref === 'y', note => note.yref === 'paper' && note.y === 0].map(is => notes.filter(note => right(note) && is(note)))
  if (!ends.length) return
  const family = layout.font.family
  const isOf = (end, row) => end.text.endsWith(` ${row.text}`) || end.text.endsWith(`\u00a0${row.text}`) || end.text === row.text
  const others = ends.filter(end => !rows.some(row => isOf(end, row)))
  const depths = [...new Set(rows.map(row => row.yshift))].sort((a, b) => b - a)
  notes.filter(note => note.yref === 'paper' && note.y === 0 && depths.includes(note.yshift)).forEach(note => {
    const down = LINE * depths.indexOf(note.yshift)
    if (!right(note)) Object.assign(note, { yshift: note.yshift - down - LINE, xanchor: 'center' })
    else Object.assign(note, { x: 0, xshift: 0, yshift: note.yshift - down, text: ends.find(end => isOf(end, note))?.text ?? note.text })
  })
  layout.margin.r = 24
  addBelow(layout, LINE * depths.length)
  layout.annotations = notes.filter(note => !ends.includes(note))
  if (!others.length) return
  const lines = wrapped(others.map(end => end.text.replaceAll(' ', '\u00a0').replace('<span\u00a0', '<span ')).join('  '), '  ', room, others[0].font.size, family, '\u00a0\u00a0\u00a0 ')
  const place = { x: 0, xref: 'paper', xanchor: 'left', xshift: EDGE - layout.margin.l, y: 0, yref: 'paper', yanchor: 'top', yshift: -layout.margin.b, align: 'left' }
  layout.annotations.push({ ...others[0], ...place, text: lines.join('<br>') })
  addBelow(layout, 18 * lines.length + AIR)
}

function addBelow(layout, px) {
  layout.margin.b += px
  layout.height += px
}

function taller(layout, side, lines) {
  layout.margin[side] += 18 * lines
  layout.height += 18 * lines
}
