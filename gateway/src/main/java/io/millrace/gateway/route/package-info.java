/** REST: which service answers, and what is passed on to it. */
@NullMarked
package io.millrace.gateway.route;

import org.jspecify.annotations.NullMarked;
