/** Small charts as SVG, which need no fonts of this machine. */
@NullMarked
package io.millrace.chart;

import org.jspecify.annotations.NullMarked;
