/** The main job end to end, through the gateway like any client. */
@NullMarked
package io.millrace.standalone.demo;

import org.jspecify.annotations.NullMarked;
