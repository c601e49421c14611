// What the checks of the gallery leave out: words that end in dots or behind the edge of their box or chart, and charts and their like to be pushed sideways.
() => {
  const main = document.querySelector('[data-testid=stMain]')
  const seen = element => element.checkVisibility({ visibilityProperty: true, opacityProperty: true })
  const short = element => (element.value || element.textContent).trim().replace(/\s+/g, ' ').slice(0, 60)
  const isWider = element => element.scrollWidth > element.clientWidth + 1
  const isClipping = element => ['hidden', 'clip'].includes(getComputedStyle(element).overflowX)
  const hasWords = element => [...element.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim())
  const isReadOutOnly = element => element.clientWidth < 2 || element.clientHeight < 2
  const words = [...document.querySelectorAll('[data-testid=stApp] :not(svg, svg *)')].filter(element => hasWords(element) && isClipping(element) && !isReadOutOnly(element))
  const reaches = (text, chart) => {
    const box = text.getBoundingClientRect(), edge = chart.getBoundingClientRect()
    return box.width && (box.left < edge.left - 1 || box.right > edge.right + 1 || box.top < edge.top - 1 || box.bottom > edge.bottom + 1)
  }
  const drawn = [...main.querySelectorAll('.chart .main-svg')].flatMap(chart => [...chart.querySelectorAll('text')].filter(text => reaches(text, chart)))
  const choices = [...main.querySelectorAll('input[role=combobox]')]
  const pushed = [...main.querySelectorAll('[data-table=bars] table, .rows table, .chart')].map(part => part.parentElement).filter(around => getComputedStyle(around).overflowX !== 'visible')
  return {
    cut: [...[...words, ...choices].filter(isWider), ...drawn].filter(seen).map(short),
    pushed: pushed.filter(around => seen(around) && isWider(around)).map(short),
  }
}
