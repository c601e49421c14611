// What a program can see to be wrong with the page that is open; called with the share from which on a table is mostly withheld.
mostly => {
  const PHONE = 600 // px up to which a table may be scrolled sideways
  const HIDDEN = /withheld|too few/i
  const main = document.querySelector('[data-testid=stMain]') || document.body
  const seen = element => element.checkVisibility({ visibilityProperty: true, opacityProperty: true })
  const short = text => text.trim().replace(/\s+/g, ' ').slice(0, 60)
  const ofIcons = element => getComputedStyle(element).fontFamily.includes('Material')

  // Every piece of text that is seen, with the box it takes: what is read out but not shown stands in a pixel, and folded filters in no width.
  const texts = []
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const { currentNode: node } = walker
    const parent = node.parentElement
    if (!node.data.trim() || !parent || ['STYLE', 'SCRIPT', 'NOSCRIPT', 'TITLE', 'DESC'].includes(parent.tagName.toUpperCase())) continue
    if (!seen(parent) || ofIcons(parent)) continue
    const range = document.createRange()
    range.selectNodeContents(node)
    const box = range.getBoundingClientRect()
    if (box.width > 1 && box.height > 1 && box.right > 0 && !readOutOnly(parent)) texts.push({ text: node.data, parent, box })
  }

  function readOutOnly(element) {
    for (let above = element; above && above !== document.body; above = above.parentElement) {
      const { width, height } = above.getBoundingClientRect()
      if ((width <= 1.5 || height <= 1.5) && getComputedStyle(above).overflow !== 'visible') return true
    }
    return false
  }

  function size(element) {
    const own = parseFloat(getComputedStyle(element).fontSize)
    const drawn = element instanceof SVGGraphicsElement && element.getScreenCTM()
    return drawn ? own * Math.hypot(drawn.a, drawn.b) : own
  }

  // Beyond the right edge, unless a part around it scrolls or ends before the edge; text of a chart also where the chart ends on either side.
  function isBeyond({ parent, box }) {
    const chart = parent.closest('.main-svg')
    if (chart && getComputedStyle(chart).overflow !== 'visible') {
      const { left, right } = chart.getBoundingClientRect()
      if (box.left < left - 2 || box.right > right + 2) return true
    }
    if (box.right <= innerWidth + 1 || box.left < 0) return false
    for (let above = parent; above && above !== main && above !== document.body; above = above.parentElement) {
      if (getComputedStyle(above).overflowX !== 'visible' && above.getBoundingClientRect().right <= innerWidth + 1) return false
    }
    return true
  }

  // Words of which a line has one part and the next line the rest; a word of more parts may be broken between them.
  function broken(parent) {
    if (parent instanceof SVGElement || parent.closest('pre')) return [] // a code may be broken anywhere
    return [...parent.childNodes].filter(node => node.nodeType === Node.TEXT_NODE).flatMap(node =>
      [...node.data.matchAll(/\p{L}{3,}/gu)].filter(({ 0: word, index }) => {
        const range = document.createRange()
        range.setStart(node, index)
        range.setEnd(node, index + word.length)
        const tops = [...range.getClientRects()].filter(box => box.width > 0).map(box => Math.round(box.top))
        return Math.max(...tops) - Math.min(...tops) > 5
      }).map(([word]) => word))
  }

  // Texts of a chart that cover at least a third of each other; the lines of one text are one. Of one that stands aslant the box says too little.
  function overlapping(chart) {
    const lines = texts.filter(({ parent }) => chart.contains(parent) && parent.closest('text'))
    const straight = ({ a, b }) => Math.min(Math.abs(a), Math.abs(b)) < 0.01
    const isWord = text => /[\p{L}\p{N}]/u.test(text.textContent)
    const all = [...new Set(lines.map(({ parent }) => parent.closest('text')))].filter(text => isWord(text) && straight(text.getScreenCTM())).map(text => ({ text, box: text.getBoundingClientRect() }))
    const area = box => box.width * box.height
    const overlap = (a, b, from, to) => Math.max(0, Math.min(a[to], b[to]) - Math.max(a[from], b[from]))
    const common = (a, b) => overlap(a, b, 'left', 'right') * overlap(a, b, 'top', 'bottom')
    return all.flatMap((one, at) => all.slice(at + 1)
      .filter(other => common(one.box, other.box) * 3 > Math.min(area(one.box), area(other.box)))
      .map(other => `${short(one.text.textContent)} / ${short(other.text.textContent)}`))
  }

  function hasPoints(trace) {
    if (trace.visible === false || trace.visible === 'legendonly') return false
    if (trace.type === 'sankey') return trace.link.value.length > 0
    const known = value => value !== null && value !== undefined && !Number.isNaN(value)
    const { x, y } = trace
    if (x?.length && y?.length) return Array.from(x).some((value, at) => known(value) && known(y[at]))
    return [x, y, trace.values, trace.median].some(values => values && Array.from(values).some(known))
  }

  function heading(element) {
    const card = element.closest('[class*=st-key-card_]')
    return short(element.getAttribute?.('aria-label') || card?.querySelector('h2')?.textContent || element.textContent)
  }

  const plots = [...main.querySelectorAll('.js-plotly-plot, .chart')].filter(seen)
  const bare = plots.filter(plot => !(plot._fullData || []).some(hasPoints))
  const tables = [...main.querySelectorAll('table')].filter(table => {
    const cells = [...table.querySelectorAll('tbody td')].filter(cell => cell.textContent.trim())
    return seen(table) && cells.length > 2 && cells.filter(cell => HIDDEN.test(cell.textContent)).length >= mostly * cells.length
  })
  const cards = [...main.querySelectorAll('[class*=st-key-card_]')].filter(card =>
    seen(card) && HIDDEN.test(card.innerText) && !card.querySelector('table') && !plots.some(plot => card.contains(plot) && !bare.includes(plot)))
  const alerts = [...main.querySelectorAll('[data-testid=stAlert]')].filter(alert =>
    seen(alert) && HIDDEN.test(alert.innerText) && !cards.some(card => card.contains(alert)))
  const words = texts.filter(({ parent }) => main.contains(parent)).map(({ text }) => text).join(' ')
  const count = text => text.split(/\s+/).filter(Boolean).length
  const page = main.scrollWidth > main.clientWidth + 1 ? ['the page scrolls sideways'] : []
  const things = [...main.querySelectorAll('button, input, img, canvas, .main-svg')].filter(seen).filter(part => !readOutOnly(part))
    .map(parent => ({ parent, box: parent.getBoundingClientRect() })).filter(({ box }) => box.width > 1)
  const wide = [...main.querySelectorAll('table')].map(table => table.parentElement).filter(around =>
    innerWidth > PHONE && seen(around) && around.scrollWidth > around.clientWidth + 1 && getComputedStyle(around).overflowX !== 'visible')
  return {
    small: texts.filter(({ parent }) => size(parent) < 8.95).map(({ text }) => short(text)),
    beyond: [...page, ...things.filter(isBeyond).map(({ parent }) => heading(parent) || parent.tagName.toLowerCase()), ...texts.filter(isBeyond).map(({ text }) => short(text))],
    overlapping: plots.flatMap(overlapping),
    broken: [...new Set(texts.map(({ parent }) => parent))].flatMap(broken),
    sideways: wide.map(heading),
    hidden: [...tables.map(table => heading(table.closest('[role=region]') || table)), ...cards.map(heading), ...alerts.map(heading)],
    empty: bare.map(heading),
    withheld: count(words) ? count((words.match(/withheld|too few/gi) || []).join(' ')) / count(words) : 0,
  }
}
