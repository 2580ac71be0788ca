/** Who works on a run: leases with heartbeat, expiry and a fencing token. */
@NullMarked
package io.millrace.training.lease;

import org.jspecify.annotations.NullMarked;
