/** The topics of a dataset in Kafka, and how far their preparation has come. */
@NullMarked
package io.millrace.data.log;

import org.jspecify.annotations.NullMarked;
