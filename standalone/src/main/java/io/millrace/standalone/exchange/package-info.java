/**
 * A small service without a task of its own: registry, object store and events for commands that
 * work on a platform which is not running.
 */
@NullMarked
package io.millrace.standalone.exchange;

import org.jspecify.annotations.NullMarked;
