/** The directory that keeps everything between starts. */
@NullMarked
package io.millrace.standalone.home;

import org.jspecify.annotations.NullMarked;
