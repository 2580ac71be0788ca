/** Names that users write. */
@NullMarked
package io.millrace.tensor.name;

import org.jspecify.annotations.NullMarked;
