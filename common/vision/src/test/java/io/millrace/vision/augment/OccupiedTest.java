package io.millrace.vision.augment;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.vision.box.Box;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OccupiedTest {

  /** The same as asking every box, of any size and place, for whether it is in the way. */
  @Test
  void placesAreFreeWhereNoBoxIs() {
    Random random = new Random(2);
    int free = 0;
    for (int trial = 0; trial < 300; trial++) {
      Occupied occupied = new Occupied(40, 24);
      List<Box> boxes = new ArrayList<>();
      for (int i = random.nextInt(6); i >= 0; i--) {
        double grain = i % 2 == 0 ? 1 : 0.25; // edges between pixels too
        Box box =
            new Box(
                grain * random.nextInt((int) (48 / grain)) - 4,
                grain * random.nextInt((int) (30 / grain)) - 3,
                grain * random.nextInt(12),
                grain * random.nextInt(12));
        boxes.add(box);
        occupied.add(box);
      }
      for (int i = 0; i < 40; i++) {
        int width = 1 + random.nextInt(10);
        int height = 1 + random.nextInt(10);
        int x = random.nextInt(41 - width);
        int y = random.nextInt(25 - height);
        Box place = new Box(x, y, width, height);
        boolean expected = boxes.stream().noneMatch(box -> box.intersection(place) > 0);
        assertThat(occupied.isFree(x, y, width, height))
            .as("%s among %s", place, boxes)
            .isEqualTo(expected);
        free += expected ? 1 : 0;
      }
    }
    assertThat(free).isBetween(2000, 11_000);
  }
}
