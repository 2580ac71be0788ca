/** What was written in the past and must be read for ever. */
@NullMarked
package io.millrace.contracts.golden;

import org.jspecify.annotations.NullMarked;
