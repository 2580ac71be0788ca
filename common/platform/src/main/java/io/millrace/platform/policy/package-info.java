/** What decides about versions, policies and retention, as clients write and read it. */
@NullMarked
package io.millrace.platform.policy;

import org.jspecify.annotations.NullMarked;
