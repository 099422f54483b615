package org.sluice.cluster.control;

/**
 * A round whose exchange goes on while the next one trains.
 *
 * @param portion what is exchanged
 */
record InFlight<R>(Round<R> round, Portion portion) {

    /**
     * Ends the exchange.
     *
     * @throws FleetException if it fails in the executors
     */
    void land() {
        round.exchange(portion);
    }
}
