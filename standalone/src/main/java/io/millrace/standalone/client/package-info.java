/** Requests of commands to a platform that runs. */
@NullMarked
package io.millrace.standalone.client;

import org.jspecify.annotations.NullMarked;
