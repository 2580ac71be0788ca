/** What every gRPC edge does before a method is called: messages that are none, too many, late. */
@NullMarked
package io.millrace.platform.rpc;

import org.jspecify.annotations.NullMarked;
