// Who follows a link to a card (`...#card_name`) is led to it once it stands. What is drawn above it later may push it away: for a while it
// is brought back, unless the reader has moved by then.
const CARD = /^#(?:card|open)_([\w-]+)$/
const PATIENCE = 30000 // ms until the card stands, on a busy machine
const PUSHED_FOR = 4000 // ms in which what stands above it may still grow
const EVERY = 150 // ms
const MOVES = ['wheel', 'touchmove', 'keydown', 'pointerdown']
const AIR = 76 // px of the bar above every page

function arrive() {
  const [, name] = CARD.exec(location.hash) || []
  if (!name) return
  const start = performance.now()
  let seen = 0
  let timer = setInterval(() => {
    const card = document.querySelector(`.st-key-card_${name}`) || document.querySelector(`.st-key-open_${name}`)
    if (card) {
      seen ||= performance.now()
      card.style.scrollMarginTop = `${AIR}px`
      card.scrollIntoView()
    }
    const now = performance.now()
    if (card ? now - seen > PUSHED_FOR : now - start > PATIENCE) stop()
  }, EVERY)
  function stop() {
    clearInterval(timer)
    for (const move of MOVES) removeEventListener(move, stop, true)
  }
  for (const move of MOVES) addEventListener(move, stop, { capture: true, passive: true })
}

arrive()
addEventListener('hashchange', arrive)
