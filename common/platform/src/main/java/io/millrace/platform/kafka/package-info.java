/** Plain Kafka clients with the settings that the platform's promises need. */
@NullMarked
package io.millrace.platform.kafka;

import org.jspecify.annotations.NullMarked;
