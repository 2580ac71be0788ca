/** AdamW over few flat buffers in one kernel call, and schedules of the learning rate. */
@NullMarked
package io.millrace.tensor.optimizer;

import org.jspecify.annotations.NullMarked;
