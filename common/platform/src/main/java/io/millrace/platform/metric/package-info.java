/**
 * What a service measures of itself: described where it is named, sampled where it must be asked
 * for.
 */
@NullMarked
package io.millrace.platform.metric;

import org.jspecify.annotations.NullMarked;
