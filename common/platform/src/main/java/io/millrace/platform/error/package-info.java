/** What can go wrong, named once and rendered for REST, OpenAI clients and gRPC. */
@NullMarked
package io.millrace.platform.error;

import org.jspecify.annotations.NullMarked;
