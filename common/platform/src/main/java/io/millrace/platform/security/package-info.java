/** Who calls: tokens that the gateway issues and services require. */
@NullMarked
package io.millrace.platform.security;

import org.jspecify.annotations.NullMarked;
