/** The one address of the platform. */
@NullMarked
package io.millrace.gateway;

import org.jspecify.annotations.NullMarked;
