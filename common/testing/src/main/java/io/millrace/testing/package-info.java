/** Fixtures for tests against real servers. */
@NullMarked
package io.millrace.testing;

import org.jspecify.annotations.NullMarked;
