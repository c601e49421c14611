// Where the focus goes when what has it is drawn anew or is gone: without this it falls to the page, and whoever works by keyboard begins at its top.
const MOMENT = 50 // ms after which it is looked again where the focus is
const PATIENCE = 2000 // ms in which parts of a page come anew
const ROW = '.st-key-cohort_row', CHIPS = `${ROW} [class*=st-key-chip_] button`
const seen = where => [...document.querySelectorAll(where)].filter(button => button.offsetParent) // a button with a hint stands there twice

// For a while: if nothing has the focus, or only what holds `next()` (a row of tabs that scrolls takes it), `next()` gets it.
function keep(next) {
  const end = performance.now() + PATIENCE
  const look = () => {
    const now = document.activeElement, wanted = next()
    if (wanted && now !== wanted && now.contains(wanted)) wanted.focus({ preventScroll: true })
    if (performance.now() < end) setTimeout(look, MOMENT)
  }
  setTimeout(look, MOMENT)
}

// A filter that is removed takes its button with it: the filter after it is next, or what stands before them all.
addEventListener('click', event => {
  const button = event.target.closest(`${CHIPS}, .st-key-clear_all button, .st-key-undo button`)
  if (!button) return
  const place = Math.max(0, seen(CHIPS).indexOf(button))
  keep(() => seen(CHIPS)[Math.min(place, seen(CHIPS).length - 1)] || seen(`${ROW} button`)[0])
})

// A tab that is opened is drawn anew.
addEventListener('keyup', event => {
  const key = event.target.closest('[role=tablist]')?.closest('[class*=st-key-]')?.className.match(/st-key-[\w-]+/)?.[0]
  if (key) keep(() => document.querySelector(`.${key} [role=tab][aria-selected=true]`))
})
