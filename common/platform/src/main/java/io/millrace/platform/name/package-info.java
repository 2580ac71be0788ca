/** Names that are safe in topics, paths and URLs. */
@NullMarked
package io.millrace.platform.name;

import org.jspecify.annotations.NullMarked;
