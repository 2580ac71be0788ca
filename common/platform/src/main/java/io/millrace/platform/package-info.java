/** What every service shares on the Spring side: here its settings. */
@NullMarked
package io.millrace.platform;

import org.jspecify.annotations.NullMarked;
