/** API keys: who may call, over REST and gRPC alike. */
@NullMarked
package io.millrace.gateway.key;

import org.jspecify.annotations.NullMarked;
