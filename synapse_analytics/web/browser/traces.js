// The part of Plotly that the figures need: all that is there to draw axes and lines, and these traces. `make plotly` makes it one file.
const Plotly = require('plotly.js/lib/core')

Plotly.register([require('plotly.js/lib/bar'), require('plotly.js/lib/heatmap'), require('plotly.js/lib/sankey')])
module.exports = Plotly
