/** The topics that services share, and the command that makes them. */
@NullMarked
package io.millrace.platform.topic;

import org.jspecify.annotations.NullMarked;
