/** Documents enter the platform: uploads are read, checked, streamed to Kafka and acknowledged. */
@NullMarked
package io.millrace.data.upload;

import org.jspecify.annotations.NullMarked;
