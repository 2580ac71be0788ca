/** The HTTP connector: who is connected, how long that may take, and what it answers by itself. */
@NullMarked
package io.millrace.platform.edge;

import org.jspecify.annotations.NullMarked;
