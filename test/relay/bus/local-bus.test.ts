import { LocalBus } from '../../../relay/bus/local-bus.ts';
import { busContract } from './bus.contract.ts';

busContract('the local bus', () => new LocalBus());
