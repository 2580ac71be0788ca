/** Documents enter the platform: uploads are checked, streamed to Kafka and acknowledged. */
@NullMarked
package io.millrace.data.document;

import org.jspecify.annotations.NullMarked;
