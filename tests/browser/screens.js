// What the checks of the gallery leave out: words that end in dots or behind the edge of their box, and charts and their like to be pushed sideways.
() => {
  const main = document.querySelector('[data-testid=stMain]')
  const seen = element => element.checkVisibility({ visibilityProperty: true, opacityProperty: true })
  const short = element => (element.value || element.textContent).trim().replace(/\s+/g, ' ').slice(0, 60)
  const isWider = element => element.scrollWidth > element.clientWidth + 1
  const isClipping = element => ['hidden', 'clip'].includes(getComputedStyle(element).overflowX)
  const hasWords = element => [...element.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim())
  const isReadOutOnly = element => element.clientWidth < 2 || element.clientHeight < 2
  const words = [...document.querySelectorAll('[data-testid=stApp] :not(svg, svg *)')].filter(element => hasWords(element) && isClipping(element) && !isReadOutOnly(element))
  const choices = [...main.querySelectorAll('input[role=combobox]')]
  const pushed = [...main.querySelectorAll('[data-table=bars] table, .rows table, .chart')].map(part => part.parentElement).filter(around => getComputedStyle(around).overflowX !== 'visible')
  return {
    cut: [...words, ...choices].filter(element => seen(element) && isWider(element)).map(short),
    pushed: pushed.filter(around => seen(around) && isWider(around)).map(short),
  }
}
