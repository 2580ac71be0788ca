/** Finding records among the prepared ones that no preparation wrote, as clients ask for it. */
@NullMarked
package io.millrace.data.repair;

import org.jspecify.annotations.NullMarked;
