export { TestingError, type TestingErrorCode } from './testing-error.js';
export { startBroker, type Broker, type BrokerOptions } from './broker.js';
export { startCluster, type Cluster } from './cluster.js';
export { startRelay, type Relay } from './relay.js';
export { deadline, eventually } from './deadline.js';
export { FakeClock } from './fake-clock.js';
export { FakeBus } from './fake-bus.js';
export { TurnEvents } from './turn-events.js';
export { askModel, type AskOptions } from './ask-model.js';
