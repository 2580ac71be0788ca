/** What every service shares on the Spring side. */
@NullMarked
package io.millrace.platform;

import org.jspecify.annotations.NullMarked;
