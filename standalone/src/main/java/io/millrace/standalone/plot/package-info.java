/** {@code millrace plot}: pictures of what networks are made of. */
@NullMarked
package io.millrace.standalone.plot;

import org.jspecify.annotations.NullMarked;
