package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BlockScheduleTest {
    @ParameterizedTest
    @CsvSource({"5,1,37", "5,2,37", "5,3,37", "8,8,8", "7,3,7", "64,5,1000"})
    void sharesOfAllWorkersAreTheStepsBlocksInOrder(int blocksPerStep, int workers, long trainBlocks) {
        BlockSchedule schedule = new BlockSchedule(blocksPerStep, workers, trainBlocks);
        assertThat(schedule.largestShare() - blocksPerStep / workers).isBetween(0, 1);
        for (long step = 0; step < 30; step++) {
            List<Long> found = new ArrayList<>();
            for (int worker = 0; worker < workers; worker++) {
                int before = found.size();
                schedule.share(step, worker).forEach(range -> LongStream.range(range.from(), range.to())
                        .forEach(found::add));
                assertThat(found.size() - before).isBetween(blocksPerStep / workers, schedule.largestShare());
            }
            long first = step * blocksPerStep;
            assertThat(found)
                    .containsExactlyElementsOf(LongStream.range(first, first + blocksPerStep)
                            .map(position -> position % trainBlocks)
                            .boxed()
                            .toList());
        }
    }
}
