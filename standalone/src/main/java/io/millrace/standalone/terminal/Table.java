package io.millrace.standalone.terminal;

import java.util.ArrayList;
import java.util.List;

/** Two columns of text, names to the left. */
public final class Table {

  private final List<String[]> rows = new ArrayList<>();

  /** Adds a row. */
  public Table row(String name, String value) {
    rows.add(new String[] {name, value});
    return this;
  }

  /** Adds a heading. */
  public Table heading(String text) {
    rows.add(new String[] {text});
    return this;
  }

  @Override
  public String toString() {
    int width =
        rows.stream().filter(r -> r.length == 2).mapToInt(r -> r[0].length()).max().orElse(0);
    StringBuilder text = new StringBuilder();
    for (String[] row : rows) {
      text.append(
          row.length == 1
              ? row[0] + "\n"
              : "  " + row[0] + " ".repeat(width - row[0].length() + 2) + row[1] + "\n");
    }
    return text.toString();
  }
}
