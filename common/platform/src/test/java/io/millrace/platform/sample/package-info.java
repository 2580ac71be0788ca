/** A small service on the platform, to test the platform with. */
@NullMarked
package io.millrace.platform.sample;

import org.jspecify.annotations.NullMarked;
