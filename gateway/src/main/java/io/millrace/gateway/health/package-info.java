/** Whether the services behind the gateway are ready. */
@NullMarked
package io.millrace.gateway.health;

import org.jspecify.annotations.NullMarked;
