/** Asks a running gateway what its users would ask. */
@NullMarked
package io.millrace.gateway.check;

import org.jspecify.annotations.NullMarked;
