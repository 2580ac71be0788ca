/** What every HTTP edge does before a controller is asked: sizes, unknown parameters. */
@NullMarked
package io.millrace.platform.web;

import org.jspecify.annotations.NullMarked;
